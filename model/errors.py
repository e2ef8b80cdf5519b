"""Every error genloss raises on purpose, each with a stable code that scripts may rely on."""


class GenerationLossError(Exception):
    """Something a user can act on; `code` never changes between releases.

    Attributes:
        code: short snake_case identifier, printed by the CLI and listed in docs/using/errors.md.
    """

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
    """What the file says beside its pixels is larger, or claims to be larger, than any camera or editor writes."""

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
    """What was asked for needs packages that the base installation leaves out.

    Args:
        what: the thing asked for.
        extra: of pyproject.toml, whose packages bring it.
        cause: says what could not be imported.
    """

    code = "extra_missing"

    def __init__(self, what: str, extra: str, cause: ImportError) -> None:
        super().__init__(
            f"{what} needs packages that are not installed ({cause}); run: pip install 'genloss[{extra}]', "
            "or make setup-dev in a checkout"
        )


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
