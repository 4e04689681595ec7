package dev.sinter.ir;

/// An iteration axis: a symbol that runs over `0 .. extent - 1`.
///
/// @param symbol the name, which begins with `%`, so that it is no size
/// @param extent how many values it takes
public record Axis(String symbol, Dim extent) {
  /// The axis's value as an index expression.
  public Dim index() {
    return Dim.symbol(symbol);
  }

  @Override
  public String toString() {
    return symbol + " < " + extent;
  }
}
