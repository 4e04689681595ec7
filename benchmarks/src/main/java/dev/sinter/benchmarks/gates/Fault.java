package dev.sinter.benchmarks.gates;

/// A gate that does not hold.
///
/// @param gate its name
/// @param kernel the method or kernel, or nothing where it is of all
/// @param what is wrong
/// @param known why it is wrong for now, of those in `benchmarks/gates-known.tsv`, or nothing
public record Fault(String gate, String kernel, String what, String known) {
  /// Whether it was not known.
  public boolean isNew() {
    return known.isEmpty();
  }

  @Override
  public String toString() {
    String subject = kernel.isEmpty() ? "" : kernel + ": ";
    return "%s: %s%s%s".formatted(gate, subject, what, isNew() ? "" : " (known: " + known + ")");
  }
}
