package dev.sinter.dsl.elaborate;

/// A function of the language itself.
interface Builtin {
  /// Evaluates a call.
  Datum call(CallSite site);
}
