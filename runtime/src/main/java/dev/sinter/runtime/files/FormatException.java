package dev.sinter.runtime.files;

import java.io.IOException;

/// A file that is not what it should be: which file, at which byte, and what was expected there.
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;
  private final String fault;

  /// A fault at a byte of a file.
  public FormatException(String file, long offset, String fault) {
    super("%s: at byte %d: %s".formatted(file, offset, fault));
    this.file = file;
    this.offset = offset;
    this.fault = fault;
  }

  /// The file, as it was named by whoever opened it.
  public String file() {
    return file;
  }

  /// The byte of the file, counted from 0, at which it went wrong.
  public long offset() {
    return offset;
  }

  /// What was expected, and what stood there.
  public String fault() {
    return fault;
  }
}
