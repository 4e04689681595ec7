package dev.sinter.dsl.elaborate;

import dev.sinter.ir.diagnostic.Diagnostic;

/// A diagnostic on its way from where it was found to the item that cannot be elaborated for it.
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Diagnostic diagnostic;

  Fault(Diagnostic diagnostic) {
    super(diagnostic.toString(), null, false, false);
    this.diagnostic = diagnostic;
  }

  Diagnostic diagnostic() {
    return diagnostic;
  }
}
