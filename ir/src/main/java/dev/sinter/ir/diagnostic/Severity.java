package dev.sinter.ir.diagnostic;

/// How bad a [Diagnostic] is: an error ends the compilation after its stage, a warning does not.
public enum Severity {
  ERROR("error"),
  WARNING("warning");

  private final String word;

  Severity(String word) {
    this.word = word;
  }

  /// The word that diagnostics begin with.
  public String word() {
    return word;
  }
}
