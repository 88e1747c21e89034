"""The report in its forms: complete, self-contained, honest about headlines, without content."""

import base64
import dataclasses
import hashlib
import json
import re
from html.parser import HTMLParser

import evaluation_examples as examples
import numpy as np
import pytest
import report_examples

from adverts.advert import Task
from adverts.errors import InputError
from adverts.evaluation.figures.branch_figures import BranchFigure
from adverts.evaluation.figures.budget_steps import BudgetStep
from adverts.evaluation.report import table
from adverts.evaluation.report.headline import flat_figures, read_headline
from adverts.evaluation.report.write_report import (
    headline_in,
    to_html,
    to_json,
    to_markdown,
    write_report,
)
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate

VOID = {"meta", "link", "br", "hr", "img", "path", "circle", "rect"}


class Page(HTMLParser):
    """Headings, anchors, targets, and whether every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.ids, self.links, self.urls = [], [], set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids.add(facts.get("id"))
        self.urls += [facts[name] for name in ("href", "src") if name in facts]
        if tag == "a":
            self.links.append(facts["href"])

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def scripts(page):
    return re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL | re.IGNORECASE)


def only_script_is_the_one_its_policy_names(page):
    [script] = scripts(page)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return page.lower().count("<script") == 1 and f"script-src 'sha256-{digest}'" in page


@pytest.fixture(scope="module")
def evaluation():
    reviewed = np.arange(240) < 200
    return examples.evaluation(said=examples.predictions(reviewed=reviewed))


@pytest.fixture(scope="module")
def html(evaluation):
    return to_html(Report(evaluation, examples.origin()))


def test_names_of_slices_head_their_tables_as_they_are_written(html):
    heads = re.findall(r'<th scope="col">([^<]*)</th><th scope="col">Adverts', html)
    assert {"Language", "OCR quality"} <= set(heads)


def test_all_four_files_are_written_for_the_owner_alone(tmp_path, evaluation):
    paths = write_report(tmp_path, Report(evaluation, examples.origin()))
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


def test_the_page_is_one_small_file_that_asks_the_network_for_nothing(html):
    page = Page(html)
    assert len(html.encode()) < 1_000_000
    assert all(url.startswith(("#", "data:")) for url in page.urls)
    assert "http:" not in html
    assert "https:" not in html
    assert only_script_is_the_one_its_policy_names(html)
    assert "@import" not in html
    assert "url(" not in html


def test_the_page_is_well_formed_and_its_contents_lead_somewhere(html):
    page = Page(html)
    assert page.open == []
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= page.ids


def test_headings_go_down_one_level_at_a_time(html):
    levels = Page(html).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize("write", [to_html, to_markdown, to_json])
def test_no_form_names_an_advert_or_a_cluster(evaluation, write):
    text = write(Report(evaluation, examples.origin()))
    assert "advert-0" not in text
    assert "cluster-" not in text


def test_branches_are_shown_in_every_form_and_only_where_there_are_some(evaluation, tmp_path):
    estimate = Estimate(0.91, 0.9, 0.93)
    branches = tuple(
        BranchFigure(
            name, "average_precision", estimate, Estimate(0.95), Estimate(0.04, 0.02, 0.06)
        )
        for name in ("network", "ngrams")
    )
    report = Report(evaluation, examples.origin(), branches=branches)
    for write in (to_html, to_markdown):
        page = write(report)
        assert "The n-gram branch" in page or "the n-gram branch" in page
        assert "+0.020 to +0.060" in page
        assert "Branches" not in write(Report(evaluation, examples.origin()))
    assert 'id="branches"' in to_html(report)
    said = " ".join(headline_in(report).sentences)
    network = "the network alone has average precision 0.910 [0.900 to 0.930]"
    assert f"On adverts that it can read, {network}" in said
    assert json.loads(to_json(report))["branches"][1]["ahead"]["value"] == 0.04


def test_a_label_cannot_break_the_page():
    hostile = Task("refer", "single", ("<b>no", "yes&<script>"), "yes&<script>")
    said = examples.predictions(tasks=(examples.REFER,))
    said = dataclasses.replace(said, tasks=(hostile,))
    page = to_html(
        Report(examples.evaluation(said=said, reference=False), examples.origin(dataset="<i>x</i>"))
    )
    assert only_script_is_the_one_its_policy_names(page)
    assert "<b>no" not in page
    assert "<i>x" not in page
    assert Page(page).open == []


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_a_refused_headline_is_named_and_no_figure_leads(evaluation, write):
    refusal = "The split validation chose this checkpoint, so its figures there are too good."
    text = write(Report(evaluation, examples.origin(split="validation", refusal=refusal)))
    assert "No headline." in text
    assert refusal in text
    assert "for development only" in text
    assert '<div class="big">' not in text


def test_the_split_that_chose_the_checkpoint_is_named(html):
    assert "on split <code>validation</code>, step 120" in html


def test_the_baseline_stands_beside_the_model_and_the_page_says_who_wins(html):
    assert "text beats tf-idf on average precision" in html


def test_where_the_baseline_wins_every_form_says_so():
    lost = examples.evaluation(said=examples.predictions(skill=0.0, seed=3))
    for text in (
        to_html(Report(lost, examples.origin())),
        to_markdown(Report(lost, examples.origin())),
        table.render([headline_in(Report(lost, examples.origin()))]),
    ):
        assert "tf-idf wins on average precision" in text


def section(markdown, task, heading):
    """The lines of one table, cell by cell, without its head."""
    body = markdown.partition(f"\n## Task `{task}`")[2].partition("\n## ")[0]
    lines = body.partition(f"### {heading}")[2].partition("###")[0].splitlines()
    rows = [line for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_markdown_says_all_that_the_page_says_in_tables(evaluation):
    markdown = to_markdown(Report(evaluation, examples.origin()))
    tasks = {task.task.name: task for task in evaluation.reviewed.tasks}
    refer = tasks["refer"]
    assert [row[1:] for row in section(markdown, "refer", "Confusion")] == [
        [str(count) for count in row] for row in refer.confusion
    ]
    bins = section(markdown, "refer", "Calibration")
    assert [row[2] for row in bins] == [str(one.count) for one in refer.reliability.bins]
    assert f"Brier score {refer.reliability.brier:.3f}" in markdown
    differences = section(markdown, "refer", "Paired differences")
    assert ["Average precision", "tf-idf"] in [row[:2] for row in differences]
    assert {"text", "majority class"} & {row[3] for row in differences}
    labels = section(markdown, "signals", "Labels")
    assert [row[0] for row in labels] == ["price", "boat", "never"]
    assert set(labels[2][3:]) == {"insufficient evidence"}
    assert section(markdown, "signals", "Confusion") == []


def test_every_table_of_the_markdown_is_one_block(evaluation):
    for block in re.split(r"\n\s*\n", to_markdown(Report(evaluation, examples.origin()))):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("|"):
            assert len(lines) > 2
            assert re.fullmatch(r"[|:-]+", lines[1])
            assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_predicted_languages_are_counted_beside_their_slices(evaluation, write):
    told = "30 of 240 languages predicted, not given."
    origin = examples.origin(predicted={"language": told.removesuffix(".")})
    heading = "By language"
    assert told in write(Report(evaluation, origin)).partition(heading)[2][:200]
    assert "predicted, not given" not in write(Report(evaluation, examples.origin()))


def test_unreviewed_text_stands_apart(html):
    assert "Unreviewed text, no headline" in html
    assert "40 adverts" in html


def test_slices_without_evidence_are_listed_without_a_figure(html):
    assert re.search(r"Insufficient evidence.*ps \(\d+ adverts, \d positive clusters?", html)


def test_little_evidence_for_the_headline_itself_is_said():
    one = examples.predictions(clusters=["one"] * 240)
    text = to_markdown(Report(examples.evaluation(said=one, reference=False), examples.origin()))
    assert "Little evidence: 1 positive cluster, wanted 10." in text


def test_figures_that_one_campaign_carries_are_said_to_be_rough_in_every_form():
    carried = ["one campaign"] * 160 + [f"alone {row}" for row in range(80)]
    alone = [f"alone {row}" for row in range(240)]
    for clusters, is_rough in ((carried, True), (alone, False)):
        said = examples.predictions(clusters=clusters)
        report = Report(examples.evaluation(said=said, reference=False), examples.origin())
        for text in (to_markdown(report), to_html(report)):
            rough = "independent adverts, since few clusters or campaigns hold them"
            assert (rough in text) == is_rough


@pytest.mark.parametrize(
    "wanted",
    [
        {"refer": np.tile(np.array([1.0, 0.0], dtype=np.float32), (240, 1))},
        {"coarse": examples.targets()["coarse"]},
        {"signals": examples.targets()["signals"]},
        {"risk": examples.targets()["risk"]},
        {"refer": np.full((240, 2), np.nan, dtype=np.float32)},
    ],
    ids=["one-class", "no-headline-task", "signals", "levels", "nothing-judged"],
)
def test_every_kind_of_evaluation_can_be_written(tmp_path, wanted):
    found = examples.evaluation(wanted=wanted, reference=False)
    write_report(tmp_path, Report(found, examples.origin()))
    assert Page((tmp_path / "report.html").read_text()).open == []
    json.loads((tmp_path / "report.json").read_text(), parse_constant=pytest.fail)


def test_json_holds_the_whole_evaluation(evaluation):
    raw = json.loads(to_json(Report(evaluation, examples.origin())))
    assert raw["evaluation"]["reviewed"]["tasks"][0]["task"]["name"] == "refer"
    assert raw["origin"]["selection"]["split"] == "validation"


def test_the_headline_is_read_back_from_json(tmp_path, evaluation):
    write_report(tmp_path, Report(evaluation, examples.origin()))
    assert read_headline(tmp_path / "report.json") == headline_in(
        Report(evaluation, examples.origin())
    )


def test_the_results_record_has_what_a_table_needs(tmp_path, evaluation):
    write_report(tmp_path, Report(evaluation, examples.origin()))
    record = json.loads((tmp_path / "results.json").read_text())
    assert [arm["name"] for arm in record["arms"]] == ["text", "tf-idf", "majority class"]
    for arm in record["arms"]:
        assert arm["values"].keys() == record["metrics"].keys()
        for name, (low, high) in arm["intervals"].items():
            assert low <= arm["values"][name][0] <= high
    assert record["comparisons"][0]["name"] == "text − tf-idf"
    assert "adverts evaluate" in record["caption"]
    assert record["headline"] is True


def test_the_table_of_two_reports_shows_every_model_with_its_interval(tmp_path, evaluation, capsys):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_report(tmp_path / name, Report(evaluation, examples.origin(dataset=name)))
    paths = [str(tmp_path / name / "report.json") for name in ("a", "b")]
    assert table.main(paths) == 0
    printed = capsys.readouterr().out
    assert printed.count("tf-idf  ") == 2
    assert "recall at precision 0.8" in printed
    assert re.search(r"^text +\d+ +0\.\d{3} \[0\.\d{3} to 0\.\d{3}\]", printed, re.MULTILINE)


def test_a_table_of_nothing_or_of_another_file_is_refused(tmp_path, capsys):
    (tmp_path / "report.json").write_text("{}")
    assert table.main([]) == 2
    assert table.main([str(tmp_path / "report.json")]) == 2
    assert "is not a report.json" in capsys.readouterr().err
    with pytest.raises(InputError, match="does not exist"):
        read_headline(tmp_path / "none.json")


def test_a_tracker_gets_figures_with_the_ends_of_their_intervals(evaluation):
    model = evaluation.reviewed.tasks[0].models[0]
    flat = flat_figures("test", model.figures)
    one = model.figures["average_precision"]
    assert flat["test/average_precision"] == one.value
    assert flat["test/average_precision.low"] == one.low
    assert flat["test/average_precision.high"] == one.high


@pytest.fixture(scope="module")
def whole():
    return report_examples.full_report()


@pytest.fixture(scope="module")
def whole_page(whole):
    return to_html(whole, report_examples.gate())


def test_a_page_with_every_part_is_well_formed_small_and_asks_for_nothing(whole_page):
    page = Page(whole_page)
    assert page.open == []
    assert len(whole_page.encode()) < 1_000_000
    assert all(url.startswith(("#", "data:")) for url in page.urls)
    assert {link.removeprefix("#") for link in page.links} <= page.ids
    assert {"gate", "robustness", "calibration", "thresholds", "budgets", "champion"} <= page.ids
    assert only_script_is_the_one_its_policy_names(whole_page)


def test_the_verdict_of_the_gate_leads_and_what_failed_comes_first(whole_page):
    assert whole_page.index("<strong>Failed</strong> the gate “release”") < whole_page.index(
        "0.965"
    )
    gate = whole_page.partition('id="gate"')[2]
    assert gate.index("leet heavy") < gate.index("language=ps") < gate.index("at least 0.85")
    assert "Adverts in leet are lost; train with such adverts or fold them." in gate
    assert "As far as is recorded, other models were tried on these adverts 3 times" in gate


@pytest.mark.parametrize("write", [to_html, to_markdown])
@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        ("passed", "may be proposed for promotion"),
        ("failed", "The model may not be used: correct"),
        ("could not judge", "usually more labelled adverts"),
    ],
)
def test_each_verdict_says_what_to_do(whole, write, verdict, told):
    assert told in write(whole, report_examples.gate(verdict))


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_what_was_not_asked_for_is_told_in_one_line(evaluation, whole, write):
    said = (
        "This evaluation was made without a gate, a champion to compare with, disguised adverts, "
        "frozen thresholds, a calibration or a review budget."
    )
    assert said in write(Report(evaluation, examples.origin()))
    assert "This evaluation was made without" not in write(whole, report_examples.gate())


def test_parts_that_are_not_there_leave_no_empty_section(html):
    for name in ("gate", "robustness", "calibration", "thresholds", "budgets", "champion"):
        assert f'id="{name}"' not in html


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_a_threshold_stands_with_its_condition_and_what_it_does_here(whole, write):
    text = write(whole)
    assert "precision of at least 0.9 where 1 % are positive" in text
    assert "0.05 %" in text
    assert "cannot be judged" in text
    assert "broken" in text
    assert "2,880 more can" in text


def test_the_page_tells_what_calibration_changed_and_what_it_was_fitted_for(whole_page):
    section = whole_page.partition('id="calibration"')[2].partition("</section>")[0]
    assert '0.431 → <span class="model">0.395</span>' in section
    assert "−0.036 [−0.046 to −0.026]" in section
    assert "35.0 % positive where the map was fitted, 36.0 % here" in section
    assert "the probabilities hold for 1.0 %" in section
    assert "signals: 3 clusters, wanted 50." in section


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_a_default_is_not_called_a_promise(whole, write):
    assert "the promised recall is not shown, this is a default" in write(whole)


def test_the_worst_group_and_its_gap_stand_over_their_slices(whole_page, whole):
    gap = whole.evaluation.reviewed.tasks[0].gaps[0]
    told = whole_page.partition(f">By {gap.dimension}</h3>")[2][:600]
    assert f"the worst of {gap.groups} groups is {gap.worst}, the best {gap.best}" in told


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_too_little_evidence_is_said_in_place_of_a_figure(whole, write):
    text = write(whole)
    assert "9 positive clusters, wanted 100" in text
    assert "insufficient evidence" in text.lower()


def test_the_heat_map_says_why_a_cell_is_empty(whole_page):
    assert "2 positive adverts changed, wanted 20" in whole_page.partition('id="robustness"')[2]
    assert "The hardest is leet, heavy: it keeps 42.0 % of the recall." in whole_page


def test_the_champion_stands_beside_the_candidate_with_what_it_would_take(whole_page):
    section = whole_page.partition('id="champion"')[2].partition("</section>")[0]
    assert "about 2,300 adverts are needed" in section
    assert "0.140 or more can be seen here" in section
    assert "McNemar" in section
    assert "<strong>Not enough data</strong>, so no difference: language: vi." in section
    assert (
        "<strong>Not enough data</strong> (undefined), so no difference: refer ROC-AUC." in section
    )
    assert "below 0.001" in section
    assert "The champion was trained on another version of this dataset." in section


HOSTILE = "<b>x</b>|&<script>\n\n# Title\n![p](http://a.example/p.png)\x1b[2J\u202e&lt;i>"


def with_hostile_names(whole):
    """Return report and gate with a name from outside in every place that takes one."""
    gate = dataclasses.replace(
        report_examples.RESULTS[0], name=HOSTILE, scope=HOSTILE, message=HOSTILE, found=HOSTILE
    )
    held = dataclasses.replace(whole.comparison, champion=HOSTILE, notes=(HOSTILE,))
    desk = dataclasses.replace(report_examples.EVERYONE, name=HOSTILE)
    budget = dataclasses.replace(whole.budgets[0], desk=desk)
    group = dataclasses.replace(report_examples.GROUPS[0], group=HOSTILE)
    point = dataclasses.replace(whole.operating[0], groups=(group,))
    origin = dataclasses.replace(
        whole.origin, dataset=HOSTILE, command=HOSTILE, place=HOSTILE, notes=(HOSTILE,)
    )
    report = dataclasses.replace(
        whole,
        origin=origin,
        comparison=held,
        budgets=(budget,),
        operating=(point,),
        robustness=dataclasses.replace(
            whole.robustness,
            perturbed=(report_examples.perturbed(HOSTILE, "text", HOSTILE, 0.5, 0.0),),
        ),
    )
    return report, report_examples.gate(results=(gate,), gate=HOSTILE)


def test_names_from_outside_cannot_break_a_page_with_every_part(whole):
    page = to_html(*with_hostile_names(whole))
    assert "<b>x" not in page
    assert only_script_is_the_one_its_policy_names(page)
    assert not set(page) & {"\x1b", "\u202e"}  # the one turns around all that stands after it
    assert Page(page).open == []


def test_names_from_outside_are_no_markup_in_markdown(whole):
    markdown = to_markdown(*with_hostile_names(whole))
    assert "<" not in markdown
    assert not re.search(r"(?<!\\)\]\(", markdown)
    assert "&lt;i" not in markdown.replace("&amp;lt;i", "")
    assert not [line for line in markdown.splitlines() if line.startswith("# Title")]
    assert not set(markdown) & {"\x1b", "\u202e"}
    assert markdown.count("&lt;script>") >= 10


def test_hostile_names_leave_the_tables_of_the_markdown_whole(whole):
    for block in re.split(r"\n\s*\n", to_markdown(*with_hostile_names(whole))):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("|"):
            assert len({line.replace("\\|", "").count("|") for line in lines}) == 1, block


def test_the_markdown_of_every_part_keeps_its_tables_whole(whole):
    for block in re.split(r"\n\s*\n", to_markdown(whole, report_examples.gate())):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("|"):
            assert len(lines) > 2
            assert len({line.replace("\\|", "").count("|") for line in lines}) == 1, block


def test_every_part_is_in_the_json(whole):
    raw = json.loads(to_json(whole, report_examples.gate()))
    assert raw["gate"]["verdict"] == "failed"
    assert raw["robustness"]["perturbed"][0]["name"] == "zero_width"
    assert "samples" not in raw["comparison"]["figures"][0]
    roc = raw["evaluation"]["reviewed"]["tasks"][0]["roc"]
    assert [curve["model"] for curve in roc] == ["text", "tf-idf"]


def test_disguises_that_training_learnt_from_are_shown_apart(whole):
    learnt = dataclasses.replace(whole.robustness, learnt=("zero_width",))
    report = dataclasses.replace(whole, robustness=learnt)
    page = to_html(report).partition('id="robustness"')[2]
    assert "text, learnt" in page
    assert page.index(">leet<") < page.index(">zero width<")  # what training has not seen is first
    assert "Training learnt from copies with zero width." in page
    markdown = to_markdown(report)
    assert "| zero width (learnt) |" in markdown
    assert "| leet |" in markdown
    assert json.loads(to_json(report))["robustness"]["learnt"] == ["zero_width"]
    assert "learnt" not in to_html(whole).partition('id="robustness"')[2]


def test_why_a_map_was_not_chosen_on_validation_is_told(whole):
    first = dataclasses.replace(whole.calibration[0], reason="validation has 7 clusters")
    report = dataclasses.replace(whole, calibration=(first,))
    assert f"{first.task}: validation has 7 clusters." in to_html(report)
    assert f"{first.task}: validation has 7 clusters." in to_markdown(report)


def test_a_map_that_changes_nothing_is_not_drawn_as_before_and_after(whole):
    same = dataclasses.replace(whole.calibration[0], method="none")
    page = to_html(dataclasses.replace(whole, calibration=(same,)))
    section = page.partition('id="calibration"')[2].partition("</section>")[0]
    assert "as the model states it" in section
    assert "after calibration" not in section
    assert section.count("→") == 1  # in the caption
    assert section.count('class="line m0"') == 1
    assert 'class="line m1"' not in section
    assert "<td>before</td>" not in section


def test_the_page_says_what_other_budgets_find(whole):
    step = BudgetStep(400, 0.412, Estimate(0.31, 0.25, 0.36), Estimate(0.997, 0.9, 1.0))
    lack = BudgetStep(50, None, report_examples.NOTHING, report_examples.NOTHING, "7 clusters")
    budget = dataclasses.replace(whole.budgets[0], steps=(lack, step))
    report = dataclasses.replace(whole, budgets=(budget,))
    page = to_html(report).partition('class="stack steps"')[2].partition("</table>")[0]
    assert "if people can look at so many of 20,000 adverts a day, of which 1.0 % are" in page
    assert "31<small>25 to 36</small>" in page
    assert "more than 99<small>90 to 100</small>" in page
    assert "7 clusters" in page
    markdown = to_markdown(report)
    assert "| 400 | 0.412 | 31 (25 to 36) | more than 99 (90 to 100) |" in markdown
    raw = json.loads(to_json(report))["budgets"][0]["steps"]
    assert [one["reviews"] for one in raw] == [50, 400]


def test_the_scores_stand_with_the_frozen_thresholds_in_every_form(whole, whole_page):
    chart = whole_page.partition("with the frozen thresholds")[2].partition("</svg>")[0]
    assert chart.count('class="cut"') == 2
    assert "The recall threshold is 0.118." in to_markdown(whole)
    raw = json.loads(to_json(whole))["evaluation"]["reviewed"]["tasks"][0]["scores"]
    assert raw["label"] == "yes"
    counts = [one[side] for one in raw["bins"] for side in ("positives", "others")]
    assert None in counts  # hidden
    assert not {1, 2, 3, 4} & set(counts)
