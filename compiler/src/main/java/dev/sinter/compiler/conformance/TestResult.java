package dev.sinter.compiler.conformance;

/// What became of a test.
///
/// @param outcome how it ended
/// @param externs how many steps ran outside generated kernels
/// @param maxAbs the largest difference
/// @param maxRel the largest difference by the size of what it should be
/// @param millis how long it took
/// @param reason why it did not pass; may be empty
public record TestResult(
    Outcome outcome, int externs, double maxAbs, double maxRel, long millis, String reason) {
  /// How a test ends.
  public enum Outcome {
    /// All outputs are near enough.
    PASSED,
    /// Some output is not.
    FAILED,
    /// The model uses what Sinter does not know, and says so.
    UNSUPPORTED,
    /// A fault of Sinter's.
    CRASHED
  }
}
