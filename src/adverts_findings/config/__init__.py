"""The settings of each verb of this package: what is legal."""

from adverts_findings.config.campaigns import LinkConfig
from adverts_findings.config.sharing import ShareConfig
from adverts_findings.config.survey import EstimateConfig, SampleConfig

__all__ = ["EstimateConfig", "LinkConfig", "SampleConfig", "ShareConfig"]
