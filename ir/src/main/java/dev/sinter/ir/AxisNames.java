package dev.sinter.ir;

/// A source of axis symbols that no expression made from the same source has used: `%0`, `%1`, ...
public final class AxisNames {
  private int next;

  /// A source that begins at `%0`.
  public AxisNames() {}

  /// A new axis with the extent given.
  public Axis axis(Dim extent) {
    return new Axis("%" + next++, extent);
  }
}
