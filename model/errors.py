"""All errors that genloss raises, each with a stable code for scripts."""


class GenerationLossError(Exception):
    """Something a user can act on; `code`, listed in docs/using/errors.md, never changes between releases."""

    code = "internal_error"


class ImageError(GenerationLossError):
    """An image file cannot be scored; raised while its bytes are being read."""

    code = "image_corrupt"


class UnsupportedFormatError(ImageError):
    """The bytes are not one of the supported image formats."""

    code = "unsupported_format"


class ImageTruncatedError(ImageError):
    """The file ends before its pixels do."""

    code = "image_truncated"


class ImageTooSmallError(ImageError):
    """One side is shorter than the 8 pixels of a block."""

    code = "image_too_small"


class ImageTooLargeError(ImageError):
    """The header announces more pixels than the limit."""

    code = "image_too_large"


class TooComplexError(ImageError):
    """The file would cost far more time than its pixels justify, for example thousands of JPEG scans."""

    code = "too_complex"


class MetadataTooLargeError(ImageError):
    """The metadata is larger, or claims to be larger, than what any camera or editor writes."""

    code = "metadata_too_large"


class DecodeTimeoutError(ImageError):
    """The file was not read, decoded and scored before the deadline; its worker process was killed."""

    code = "decode_timeout"


class DecodeCrashedError(ImageError):
    """The worker process died on this file."""

    code = "decode_crashed"


class FileUnreadableError(ImageError):
    """The path cannot be read: missing, a directory, a pipe, a link not to be followed, no permission."""

    code = "file_unreadable"


class FileEmptyError(ImageError):
    """The file holds no bytes at all."""

    code = "file_empty"


class FileTooLargeError(ImageError):
    """The file has more bytes than any picture within the pixel limit needs."""

    code = "file_too_large"


class OutputError(GenerationLossError):
    """Results cannot be written: disk full, no permission, a binary format for a terminal."""

    code = "output_failed"


class OutputRefusedError(OutputError):
    """Results would replace an input, a picture or a folder; nothing has been read or written."""

    code = "output_refused"


class ExtraMissingError(GenerationLossError):
    """A command needs packages that the base installation does not have.

    Args:
        what: what needs the packages.
        extra: extra of pyproject.toml with these packages.
        cause: the error of the failed import.
    """

    code = "extra_missing"

    def __init__(self, what: str, extra: str, cause: ImportError) -> None:
        super().__init__(
            f"{what} needs packages that are not installed ({cause}); run: pip install 'genloss[{extra}]', "
            "or make setup-dev in a checkout"
        )


class EngineError(GenerationLossError):
    """Work in shards cannot start or go on: no such engine or cluster, machines that differ, a folder not shared by all."""

    code = "engine_failed"


class BundleError(GenerationLossError):
    """A model bundle is missing, damaged, or made for other features than this version computes."""

    code = "bundle_invalid"


class PairsError(GenerationLossError):
    """A pair set is missing, empty, or not in the documented layout."""

    code = "pairs_invalid"


class TrainingError(GenerationLossError):
    """Training cannot start or go on: bad configuration, other data than the checkpoint's, NaN loss."""

    code = "training_failed"


class SearchError(GenerationLossError):
    """The search cannot start or go on: no storage, a study of other data, nothing that can be trained."""

    code = "search_failed"


class DatagenError(GenerationLossError):
    """Pairs cannot be generated: no usable originals, a damaged ledger, ImageMagick missing."""

    code = "datagen_failed"


class RecipeError(DatagenError):
    """A recipe is not valid or could not be applied to its image."""

    code = "recipe_failed"


class ArchiveError(GenerationLossError):
    """Work on a collection cannot start or go on: catalog, rules, plan, journal, or a folder that vanished."""

    code = "archive_failed"


class CatalogError(ArchiveError):
    """The catalog is no catalog, is damaged, or cannot be written."""

    code = "catalog_invalid"


class CatalogVersionError(CatalogError):
    """The catalog was written by a version of genloss with another layout."""

    code = "catalog_version"


class CatalogLockedError(CatalogError):
    """Another process is writing to the catalog."""

    code = "catalog_locked"


class DecisionError(ArchiveError):
    """A decision about a collection is of no known kind, names no contents, or cannot be revoked because it is missing."""

    code = "decision_invalid"


class RulesError(ArchiveError):
    """The rules file cannot be read, has an unknown key, or a value out of its bounds."""

    code = "rules_invalid"


class PlanError(ArchiveError):
    """A plan cannot be read: not JSON Lines, an unknown or missing field, a value of the wrong form."""

    code = "plan_invalid"


class PlanVersionError(PlanError):
    """The plan was written by a version of genloss with another layout."""

    code = "plan_version"


class PlanPathError(PlanError):
    """A plan names a path that is not absolute, holds "..", lies outside its folders, or goes through a link."""

    code = "plan_path_refused"


class PlanActionError(PlanError):
    """A plan would act on a kept file, twice on one file, on a file that is no version, or leave nothing of a picture."""

    code = "plan_action_refused"


class ConfirmationError(ArchiveError):
    """Files would be deleted for good, and the user has not confirmed it."""

    code = "not_confirmed"


class ArchiveLockedError(ArchiveError):
    """Another apply or undo works on the same folders or with the same journal."""

    code = "archive_locked"


class JournalError(ArchiveError):
    """The journal is no journal, has another layout, belongs to another plan, or cannot be written."""

    code = "journal_invalid"


class ActionRefusedError(ArchiveError):
    """An action of a plan was not carried out or not undone; the file did not change.

    Args:
        code: the reason, one of the codes in docs/using/errors.md.
        message: names the file, and describes the reason.
    """

    code = "action_failed"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class DatasetError(GenerationLossError):
    """A data set cannot be worked on."""

    code = "dataset_failed"


class DatasetUnreadableError(DatasetError):
    """A folder of the data set is missing or cannot be listed, or the ledger beside the results is damaged."""

    code = "dataset_unreadable"


class DatasetEmptyError(DatasetError):
    """No picture lies below the folders."""

    code = "dataset_empty"


class DatasetUnlabelledError(DatasetError):
    """Classes were asked for, but the pictures do not lie in at least two folders."""

    code = "dataset_unlabelled"


class NamesError(GenerationLossError):
    """A memory has the name already or does not have it, or its file is damaged."""

    code = "names_invalid"
