"""Why a file cannot be attached."""

from store.exceptions import StoreError


class MediaError(StoreError):
    """Base: the file stays where it is, and nothing was written."""

    code = "media"
    data = "Nothing was attached; the file is where it was."


class UnknownMedia(MediaError):
    """The content is of no type that is taken, whatever the name says."""

    code = "media_unknown"
    what = "“{file}” cannot be attached: its content is no picture, PDF, Office file, sound or film that is known."
    remedy = "Save it as JPEG, PNG, PDF or an Office file, or take a photo of it."


class MacrosInside(MediaError):
    """An Office file that has a program in it."""

    code = "media_macros"
    what = "“{file}” holds a program (macros), which would come to others with it."
    remedy = "Save it without macros (.docx, .xlsx, .pptx) or as PDF."


class EmptyMedia(MediaError):
    """A file without content: often one that a phone is still copying."""

    code = "media_empty"
    what = "“{file}” is empty."
    remedy = "Wait until it is copied from the phone, and attach it again."


class DamagedPicture(MediaError):
    """A picture that no decoder reads to its end."""

    code = "media_damaged"
    what = "“{file}” is damaged, or not copied to its end: it cannot be shown as a picture."
    remedy = "Copy it from the phone once more."


class PictureTooLarge(MediaError):
    """A picture with more pixels than any camera takes, or that needs more memory or time than it may."""

    code = "media_too_large"
    what = "“{file}” has more pixels than this program decodes."
    remedy = "Take a photo with a lower resolution, or save it smaller."
