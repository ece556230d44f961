"""Typed section ``compare`` of params.yaml."""

from pydantic import Field

from stages.pipeline.params import Section


class CompareParams(Section):
    """When a new result is refused."""

    max_worse_percent: float = Field(ge=0.0, le=1000.0, description="allowed rise of the champion's test MAE, percent")
