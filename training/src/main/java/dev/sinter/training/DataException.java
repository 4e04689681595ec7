package dev.sinter.training;

import java.io.IOException;

/// A data file that is not what it should be: which file, where in it, what was expected.
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A fault in a file.
  ///
  /// @param file the file as the user named it
  /// @param place such as `line 12` or `byte 16`; empty for the file as a whole
  /// @param fault what was expected, and what stood there
  public DataException(String file, String place, String fault) {
    super(place.isEmpty() ? file + ": " + fault : file + ": " + place + ": " + fault);
  }
}
