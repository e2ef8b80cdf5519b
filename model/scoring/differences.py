"""Differences between files with equal pixels: metadata, further frames and whatever else a person may care about."""

from genloss.model.scoring.scorer import Score


def differences(version: Score, first: Score) -> tuple[str, ...]:
    """How two files with equal pixels differ, in words; an empty list if their bytes are equal too.

    Args:
        version: has a fingerprint.
        first: has a fingerprint with the same pixels.
    """
    if version.fingerprint is None or first.fingerprint is None or version.file_sha256 == first.file_sha256:
        return ()
    words = []
    if version.fingerprint.same.pose != first.fingerprint.same.pose:
        words.append("turned or mirrored")
    more = version.facts.n_frames - first.facts.n_frames
    if more:
        words.append(f"{abs(more)} frame{'s' * (abs(more) > 1)} {'more' if more > 0 else 'less'}")
    if version.facts.image_format != first.facts.image_format:
        words.append(f"{version.facts.image_format.upper()} instead of {first.facts.image_format.upper()}")
    if version.facts.colour_space != first.facts.colour_space:
        own, its = (facts.colour_space or "no colour profile" for facts in (version.facts, first.facts))
        words.append(f"{own} instead of {its}")
    share = version.facts.n_bytes / first.facts.n_bytes - 1
    if share:
        words.append(f"{100 * abs(share):.0f} % {'larger' if share > 0 else 'smaller'}")
    return tuple(words)
