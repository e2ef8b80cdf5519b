"""`genloss rank`: versions of one picture in order."""

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import typed_inputs
from genloss.model.errors import ImageError
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.model.quiet import quiet_codecs
from genloss.options import (
    WARNING,
    BundleOption,
    Deadline,
    Files,
    FilesFrom,
    FollowLinks,
    Format,
    Isolated,
    MaxPixels,
    Null,
    Output,
    OutputFormat,
)


def rank(
    files: Files = None,
    files_from: FilesFrom = None,
    null: Null = False,
    follow_links: FollowLinks = False,
    format: Format = OutputFormat.table,
    destination: Output = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: Isolated = None,
    deadline: Deadline = DEADLINE_SECONDS,
) -> int:
    """Order versions of one picture, the closest to the original first.

    Give files that show the same picture. Each line says how likely the version is closer to the
    original than the next one, or that this is too close to call. The order comes from comparing every
    two versions side by side, which is right more often than their single scores (lower is closer):
    neighbours may stand in another order than their scores say. Exit code 3 when some files failed.
    """
    from genloss.model.scoring.bundle import BUNDLED, load_bundle
    from genloss.model.scoring.ranker import Ranker
    from genloss.progress import progress
    from genloss.records import RANK_COLUMNS, error_record, ranked_record
    from genloss.tables import RANK_HEADINGS, rank_row
    from genloss.writers import record_writer, write_records

    inputs = typed_inputs(files, files_from, null, follow_links)
    options = BatchOptions(bundle, max_pixels, follow_links, isolated, deadline)
    with quiet_codecs():
        paths, scores, errors = [], [], []
        for path, result in progress(score_inputs(inputs, options)):
            if isinstance(result, ImageError):
                errors.append(error_record(path, result))
            else:
                paths.append(path)
                scores.append(result)
        ranked = Ranker(load_bundle(bundle or BUNDLED)).rank(scores)
        records = [ranked_record(paths[version.index], version) for version in ranked]
        make_writer = record_writer(format.value, RANK_COLUMNS, RANK_HEADINGS, rank_row)
        return write_records([*records, *errors], make_writer, destination, WARNING if format is OutputFormat.table else "")
