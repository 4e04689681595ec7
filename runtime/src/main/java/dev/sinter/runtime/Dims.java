package dev.sinter.runtime;

/// Dims as they stand in specs: a constant, a symbol, or an expression that only the program can
/// compute.
final class Dims {
  private Dims() {}

  /// The value of a dim that is a constant, else -1.
  static long constant(String dim) {
    if (dim.isEmpty() || dim.length() > 18) {
      return -1;
    }
    for (int i = 0; i < dim.length(); i++) {
      if (dim.charAt(i) < '0' || dim.charAt(i) > '9') {
        return -1;
      }
    }
    return Long.parseLong(dim);
  }

  /// Whether a dim is a symbol and nothing else.
  static boolean isSymbol(String dim) {
    if (dim.isEmpty() || !Character.isJavaIdentifierStart(dim.charAt(0))) {
      return false;
    }
    return dim.chars().skip(1).allMatch(c -> Character.isJavaIdentifierPart(c) || c == '.');
  }
}
