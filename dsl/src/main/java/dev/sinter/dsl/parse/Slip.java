package dev.sinter.dsl.parse;

import dev.sinter.ir.diagnostic.DiagnosticCode;

/// A common slip and how it is mended.
///
/// @param message empty where the usual one will do
record Slip(DiagnosticCode code, String message, String help) {
  static Slip help(String help) {
    return new Slip(DiagnosticCode.UNEXPECTED_TEXT, "", help);
  }

  static Slip of(String message, String help) {
    return new Slip(DiagnosticCode.UNEXPECTED_TEXT, message, help);
  }

  static Slip foreign(String word, String help) {
    return new Slip(
        DiagnosticCode.FOREIGN_SYNTAX, "`" + word + "` is no word of the language", help);
  }
}
