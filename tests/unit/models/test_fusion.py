"""The gate weighs what is present and never sees what is absent."""

import torch

from adverts.models.fusion import GatedFusion


def small_fusion():
    return GatedFusion([4, 6], 8, quality_features=3, gains=(1.0, 0.1))


def fused(present, *, image=None):
    torch.manual_seed(0)
    fusion = small_fusion()
    text, picture = torch.randn(len(present), 4), torch.randn(len(present), 6)
    return fusion, fusion([text, picture if image is None else image], torch.tensor(present))


def test_no_part_gives_zeros():
    _, z_BD = fused([[False, False], [True, True]])
    assert z_BD[0].tolist() == [0.0] * 8
    assert z_BD[1].abs().sum() > 0


def test_what_stands_in_for_an_absent_part_never_matters():
    _, plain = fused([[True, False]])
    _, other = fused([[True, False]], image=torch.full((1, 6), 1e6))
    assert torch.equal(plain, other)


def test_one_present_part_passes_unweighted():
    torch.manual_seed(1)
    fusion, text = small_fusion(), torch.randn(1, 4)
    z_BD = fusion([text, torch.zeros(1, 6)], torch.tensor([[True, False]]))
    torch.testing.assert_close(z_BD, fusion.projections[0](text))


def test_weights_sum_to_one_over_the_present_parts():
    fusion, _ = fused([[True, True]])
    x_BPD = torch.randn(3, 2, 8)
    present_BP = torch.tensor([[True, True], [False, True], [False, False]])
    weight_BP = fusion.weights(x_BPD, present_BP)
    assert (weight_BP[0] > 0).all()
    torch.testing.assert_close(weight_BP.sum(dim=1), torch.tensor([1.0, 1.0, 0.0]))
    assert weight_BP[1].tolist() == [0.0, 1.0]


def test_a_part_of_a_small_gain_says_little_until_it_has_learnt_otherwise():
    present = [[False, True]]
    fusion = small_fusion()
    picture = torch.ones(1, 6)
    rest = fusion.projections[1][0].bias
    for gain, moved in ((0.0, False), (0.1, True)):
        with torch.no_grad():
            fusion.gains[1] = gain
        x_BD = fusion([torch.zeros(1, 4), picture], torch.tensor(present))
        assert torch.allclose(x_BD[0], torch.nn.functional.gelu(rest)) != moved


def test_a_new_gate_does_not_heed_how_well_pictures_were_read():
    torch.manual_seed(2)
    fusion, parts = small_fusion(), [torch.randn(2, 4), torch.randn(2, 6)]
    present_BP = torch.tensor([[True, True], [True, True]])
    told = fusion(parts, present_BP, torch.rand(2, 3))
    torch.testing.assert_close(told, fusion(parts, present_BP))


def test_the_gate_can_learn_to_trust_text_that_was_read_well():
    fusion = small_fusion()
    x_BPD = torch.randn(1, 2, 8).expand(2, 2, 8)
    with torch.no_grad():
        fusion.trust[0, 0] = 5.0
    present_BP = torch.tensor([[True, True], [True, True]])
    quality_BQ = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    badly, well = fusion.weights(x_BPD, present_BP, quality_BQ)[:, 0]
    assert torch.logit(well) - torch.logit(badly) > 4.9


def test_both_parts_and_their_trust_learn():
    torch.manual_seed(0)
    fusion = small_fusion()
    z_BD = fusion([torch.randn(1, 4), torch.randn(1, 6)], torch.ones(1, 2).bool(), torch.rand(1, 3))
    z_BD.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in fusion.parameters())
