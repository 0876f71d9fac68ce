import pytest
from hypothesis import HealthCheck, settings

# The same examples on every run and every machine; a slow machine is no failure.
settings.register_profile(
    "sktemporal",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("sktemporal")


@pytest.fixture(autouse=True, scope="session")
def workers_for_little_work():
    """Let the small inputs of the tests go the way of large ones where n_jobs says so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sktemporal.pipelines.schedule._WORK_PER_WORKER", 1)
        yield
