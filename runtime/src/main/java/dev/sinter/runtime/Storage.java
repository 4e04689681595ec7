package dev.sinter.runtime;

import java.util.Locale;

/// Which memory a buffer lies in.
public enum Storage {
  /// The session's scratch: activations, and the inputs and outputs that do not lie in the caller's
  /// own memory; undefined between calls.
  ARENA,
  /// The same memory, but of each thread a part of its own: what a step makes and uses up within
  /// one block of its work.
  SCRATCH,
  /// The model's packed weights and constants: shared by its sessions, never written after load.
  WEIGHTS,
  /// The session's own memory between calls: trained parameters, running statistics, caches,
  /// optimizer slots.
  STATE;

  /// The name in the text of a plan.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
