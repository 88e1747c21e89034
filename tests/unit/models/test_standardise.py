"""Features are standardised by the statistics of training adverts, taken once."""

import torch

from adverts.models.fusion import Standardise


def features():
    torch.manual_seed(0)
    return torch.randn(50, 4) * torch.tensor([1.0, 5.0, 0.2, 1.0]) + 3.0


def test_unfitted_changes_nothing():
    x_BD = features()
    assert torch.equal(Standardise(4)(x_BD), x_BD)


def test_fitted_features_have_mean_zero_and_deviation_one():
    module, x_ND = Standardise(4), features()
    module.fit(x_ND)
    z_ND = module(x_ND)
    torch.testing.assert_close(z_ND.mean(dim=0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(z_ND.std(dim=0), torch.ones(4))


def test_a_feature_that_never_varies_is_not_blown_up():
    module, x_ND = Standardise(4), features()
    x_ND[:, 3] = 2.0
    module.fit(x_ND)
    moved = torch.tensor([[0.0, 0.0, 0.0, 2.0 + 1e-4]])
    assert module(moved)[0, 3].abs() < 0.1


def test_too_few_or_equal_adverts_change_nothing():
    for x_ND in (features()[:1], features()[:0], torch.ones(9, 4)):
        module = Standardise(4)
        module.fit(x_ND)
        assert torch.equal(module(features()), features())


def test_statistics_travel_with_the_weights():
    module, again = Standardise(4), Standardise(4)
    module.fit(features())
    again.load_state_dict(module.state_dict())
    assert torch.equal(again(features()), module(features()))
