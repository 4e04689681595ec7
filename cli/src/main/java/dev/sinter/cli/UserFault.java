package dev.sinter.cli;

import java.io.Serial;

/// Something that the user asked for and that cannot be done as it stands: one or two sentences,
/// the second saying what to do.
final class UserFault extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UserFault(String message) {
    super(message);
  }
}
