"""The report: what it says is what the marts hold, and it can be opened anywhere."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import browser
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Built
from playwright.sync_api import Browser

from runner import dashboard, exports, screen
from runner.exports import Manifest
from runner.report import content, page
from runner.report.layout import layout


@pytest.fixture
def folder(built: Built, tmp_path: Path) -> Path:
    """A copy of the exports, to be spoiled."""
    return Path(shutil.copytree(built.output_dir, tmp_path / "exports"))


def _manifest(folder: Path) -> Manifest:
    manifest = exports.read_manifest(folder)
    assert manifest is not None
    return manifest


def _page(folder: Path) -> str:
    return page.write(folder, _manifest(folder)).read_text(encoding="utf-8")


def test_a_run_leaves_the_report_beside_the_exports(built: Built) -> None:
    assert "<title>tieout report, 2026-06-30</title>" in (built.output_dir / page.PAGE).read_text(encoding="utf-8")


def test_every_panel_asks_for_columns_that_its_mart_has(built: Built) -> None:
    columns = {file.mart: {column.name for column in file.columns} for file in _manifest(built.output_dir).files}
    for section in layout().sections:
        for panel in section.panels:
            assert set(panel.columns) <= columns[panel.mart], panel.id
            assert set(panel.wide) < set(panel.columns), panel.id
        assert not section.spark or section.spark in {panel.id for panel in section.panels}


def test_every_headline_figure_is_on_the_page_as_the_summary_has_it(built: Built) -> None:
    (row,) = pq.read_table(built.output_dir / "daily_ops_summary.parquet").to_pylist()
    shown = content.read(built.output_dir, _manifest(built.output_dir))
    figures = {figure.name: figure for part in shown.parts for figure in part.headlines}
    compared = {name + suffix for name in figures for suffix in ("_yesterday", "_weekday_mean")}
    assert set(row) - {"day", "as_of"} - compared == set(figures)
    text = (built.output_dir / page.PAGE).read_text(encoding="utf-8")
    for written in (f"{row['msp_variance_gbp_last_month']:,.2f}", f"{row['revenue_booked_last_month']:,.2f}"):
        assert re.search(rf">\s*{re.escape(written)}\s*<", text)
    assert f"{row['support_resolution_compliance_pct']:.1%}" in text
    assert {figure.name for figure in shown.compared} == {
        name.removesuffix("_yesterday") for name in row if name.endswith("_yesterday")
    }
    for figure in shown.compared:
        assert re.search(
            rf">{re.escape(figure.yesterday)}</td><td class=\"number\">{re.escape(figure.weekday_mean)}<", text
        )


def test_the_figure_shown_largest_exists(built: Built) -> None:
    shown = content.read(built.output_dir, _manifest(built.output_dir))
    for part in shown.parts:
        assert not part.section.hero or part.headlines[0].name == part.section.hero


def test_tables_hold_the_rows_of_the_marts(built: Built) -> None:
    variances = pd.read_parquet(built.output_dir / "rpt_msp_invoice_variance.parquet")
    differing = variances[variances["cause"] != "matched"]
    part = content.read(built.output_dir, _manifest(built.output_dir)).part("msp")
    shown = next(rows for rows in part.rows if rows.panel.id == "msp_variances")
    rank = differing["severity"].map({"critical": 1, "warning": 2, "info": 3}).fillna(4)
    expected = differing.assign(rank=rank, size=differing["variance_gbp"].abs()).sort_values(
        ["rank", "billing_month", "size"], ascending=[True, False, False]
    )
    got = [[cell.text for cell in cells][1:7] for cells in shown.cells]
    months = expected["billing_month"].astype(str).str.slice(0, 7)
    figures = [expected[name].map("{:,.2f}".format) for name in ("calculated_gbp", "invoiced_gbp", "variance_gbp")]
    columns = [months, expected["environment"], expected["tier"], *figures]
    assert got == [list(row) for row in zip(*(column.head(10) for column in columns), strict=True)]
    assert shown.has_more


def test_the_same_exports_give_the_same_page(built: Built) -> None:
    shown = content.read(built.output_dir, _manifest(built.output_dir))
    assert page.render(shown) == page.render(shown) == (built.output_dir / page.PAGE).read_text(encoding="utf-8")


def test_the_screen_shows_the_figures_of_the_page(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = _manifest(built.output_dir)
    shown = content.read(built.output_dir, manifest)
    dashboard.show(screen.screen(), built.output_dir, manifest, 0)
    printed = " ".join(capsys.readouterr().out.split())
    for part in shown.parts:
        for figure in part.headlines:
            assert f"{figure.label} {figure.value}" in printed
        for rows in part.rows:
            for cells in rows.cells[: rows.panel.on_screen]:
                assert cells[0].text in printed


def test_a_domain_that_was_not_built_is_named_and_the_others_are_shown(folder: Path) -> None:
    manifest = _manifest(folder)
    shown = content.read(folder, manifest.model_copy(update={"domains": ["msp", "support"]}))
    assert shown.part("revenue").absent == "Not part of this run."
    assert shown.part("support").headlines
    assert "Not part of this run." in page.render(shown)


def test_old_figures_are_marked_with_their_moment_and_the_reason(folder: Path) -> None:
    manifest = _manifest(folder)
    old = {"status": "stale", "reason": "its test x failed", "as_of": "2026-06-29T23:59:59Z"}
    files = [f.model_copy(update=old) if f.mart == "sla_at_risk_cases" else f for f in manifest.files]
    text = page.render(content.read(folder, manifest.model_copy(update={"files": files})))
    assert "<code>sla_at_risk_cases</code> was not renewed: its test x failed." in text
    assert "<strong>Old figures</strong>, as of 2026-06-29T23:59:59Z: its test x failed." in text


def test_a_mart_without_any_file_leaves_its_panel_out(folder: Path) -> None:
    manifest = _manifest(folder)
    files = [file for file in manifest.files if file.mart not in ("alerts", "daily_ops_summary")]
    shown = content.read(folder, manifest.model_copy(update={"files": files}))
    assert shown.part("attention").absent
    assert shown.part("msp").rows
    assert not shown.part("msp").headlines
    page.render(shown)


def test_text_from_the_sources_is_never_markup(folder: Path) -> None:
    hostile = "</td><script>document.title='taken'</script><img src=x onerror=alert(1)>"
    path = folder / "alerts.parquet"
    table = pq.read_table(path)
    for name in ("message", "rule", "domain"):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array([hostile] * len(table)))
    pq.write_table(table, path)
    text = _page(folder)
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


def test_empty_marts_leave_a_sentence(folder: Path) -> None:
    for path in folder.glob("*.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    text = _page(folder)
    assert "No open promise is at risk." in text
    assert "<table>" not in text


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.launched() as found:
        yield found


@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_opens_without_a_network_an_error_or_a_sideways_scroll(
    built: Built, chromium: Browser, width: int, tmp_path: Path
) -> None:
    visit = browser.Visit(chromium, built.output_dir / page.PAGE, width)
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in visit.requests if url.startswith("file:")]) == 1
    assert visit.ask("document.documentElement.scrollWidth") == width
    cut_off = visit.ask(
        "[...document.querySelectorAll('.scroll')].filter(e => !e.closest('details:not([open])'))"
        ".filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => e.getAttribute('aria-labelledby'))"
    )
    assert cut_off == [], "tables that have to be scrolled sideways"
    assert visit.poor_contrast() == []
    folder = Path(os.environ.get("TIEOUT_SCREENSHOTS") or tmp_path)
    visit.page.screenshot(path=folder / f"report_{width}.png", full_page=True)
    assert (folder / f"report_{width}.png").stat().st_size > 50_000


def test_the_page_can_be_used_without_seeing_it(built: Built, chromium: Browser) -> None:
    visit = browser.Visit(chromium, built.output_dir / page.PAGE, 1440)
    assert visit.ask("document.documentElement.lang") == "en"
    assert visit.ask("document.querySelectorAll('h1').length") == 1
    unnamed = "[...document.querySelectorAll('[role=img]')].filter(e => !e.getAttribute('aria-label')).length"
    assert visit.ask(unnamed) == 0
    assert (
        visit.ask("[...document.querySelectorAll('table')].filter(t => !t.querySelector('th[scope=col]')).length") == 0
    )
    ids = visit.ask("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert isinstance(ids, list)
    assert len(ids) == len(set(ids))
    broken = (
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.querySelector(a.getAttribute('href')))"
    )
    assert visit.ask(f"{broken}.length") == 0
    charts = visit.ask("document.querySelectorAll('.drawing svg').length")
    assert charts == sum(bool(panel.chart) for section in layout().sections for panel in section.panels)


def test_every_source_that_the_page_names_lies_beside_it(built: Built, chromium: Browser) -> None:
    visit = browser.Visit(chromium, built.output_dir / page.PAGE, 1440)
    names = visit.ask("[...document.querySelectorAll('.source a')].map(a => a.getAttribute('href'))")
    assert isinstance(names, list)
    assert names
    assert [name for name in names if not (built.output_dir / name).is_file()] == []


def test_it_prints_on_a_few_pages(built: Built, chromium: Browser) -> None:
    visit = browser.Visit(chromium, built.output_dir / page.PAGE, 1440)
    paper = visit.page.pdf(prefer_css_page_size=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 8


def test_a_moment_in_the_title_is_that_of_the_figures(built: Built) -> None:
    shown = content.read(built.output_dir, _manifest(built.output_dir))
    assert shown.as_of == datetime.fromisoformat("2026-06-30T23:59:59+00:00")
