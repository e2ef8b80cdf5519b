"""The kinds of damage that a memory may be trained on: the edits of make_pairs, and the words for each."""

# Name -> the end of "pictures ...". `none` is an original; those that only save are named after the format.
KINDS: dict[str, str] = {
    "none": "left as it was",
    "jpeg": "saved as JPEG",
    "webp": "saved as WebP with loss",
    "avif": "saved as AVIF with loss",
    "palette": "reduced to a palette of few colours",
    "up": "enlarged",
    "down": "shrunk",
    "crop": "cropped",
    "screenshot": "captured from a screen",
    "blur": "blurred or smoothed",
    "sharpen": "sharpened",
    "grain": "given grain or noise",
    "tone": "changed in brightness, contrast or colour",
    "lettering": "with lettering laid over",
    "platform": "shrunk, sharpened or saved as sites do with uploads",
    "generation": "saved again and again with small changes",
    "launder": "saved with loss twice, or with loss and then without",
    "denoise": "denoised",
    "deblock": "smoothed along the blocks of a JPEG",
    "enhance": "enlarged, sharpened or toned and shrunk back",
    "scan": "made grey or black and white like a scan",
    "damage": "with damaged data",
}
# Said by the file itself, so that the memory need not say it.
OF_CONTAINER = {"jpeg": "jpeg", "webp": "webp", "avif": "avif"}
NONE = "none"
