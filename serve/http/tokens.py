"""Bearer tokens: one for scoring, one for training jobs and models."""

import hmac

from fastapi import Request
from fastapi.security import HTTPBearer
from pydantic import SecretStr

from genloss.serve.http.problems import RequestError

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="genloss"'}


def check(request: Request, expected: SecretStr) -> None:
    """Compares the request's bearer token in constant time.

    Raises:
        RequestError: token_missing, token_wrong.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        raise RequestError("token_missing", "this needs the header Authorization: Bearer TOKEN", headers=_CHALLENGE)
    if not hmac.compare_digest(given.strip().encode(), expected.get_secret_value().encode()):
        raise RequestError("token_wrong", "this token is not the right one")


class ScoringToken(HTTPBearer):
    """Dependency of the scoring endpoints if a token is set; only then does the OpenAPI document mention a token.

    Args:
        expected: the token.
    """

    def __init__(self, expected: SecretStr) -> None:
        super().__init__(scheme_name="scoring token", description="GENLOSS_SCORING_TOKEN.", auto_error=False)
        self._expected = expected

    async def __call__(self, request: Request) -> None:  # type: ignore[override]
        """Raises RequestError unless the token is right."""
        check(request, self._expected)


class TrainingToken(HTTPBearer):
    """Dependency of training jobs and models: requires GENLOSS_TRAINING_TOKEN; rejects all requests if training is off."""

    def __init__(self) -> None:
        super().__init__(scheme_name="training token", description="GENLOSS_TRAINING_TOKEN.", auto_error=False)

    async def __call__(self, request: Request) -> None:  # type: ignore[override]
        """Raises RequestError unless the token is right."""
        expected = request.app.state.settings.training_token
        if expected is None:
            raise RequestError("training_off", "training is off; the operator turns it on by setting GENLOSS_TRAINING_TOKEN")
        check(request, expected)
