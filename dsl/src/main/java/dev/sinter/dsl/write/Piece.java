package dev.sinter.dsl.write;

/// An expression as text.
///
/// @param text what is written
/// @param level how tightly its outermost operator binds; parentheses go around what binds less
///   than its place asks for
/// @param typed the type to be declared beside it, for what takes its shape from there; else empty
/// @param heavy how many products and convolutions are in it
record Piece(String text, int level, String typed, int heavy) {
  static final int ANY = 0;
  static final int COERCE = 2;
  static final int OR = 3;
  static final int AND = 4;
  static final int NOT = 5;
  static final int COMPARE = 6;
  static final int SUM = 7;
  static final int PRODUCT = 8;
  static final int UNARY = 9;
  static final int POWER = 10;
  static final int POSTFIX = 11;

  Piece(String text, int level) {
    this(text, level, "", 0);
  }

  /// A name, a call, or what else stands on its own.
  static Piece of(String text) {
    return new Piece(text, POSTFIX);
  }

  /// The text where an operator of `least` stands around it.
  String at(int least) {
    if (!typed.isEmpty()) {
      String coerced = text + " :> " + typed;
      return COERCE < least ? "(" + coerced + ")" : coerced;
    }
    return level < least ? "(" + text + ")" : text;
  }

  Piece heavy(int heavy) {
    return new Piece(text, level, typed, heavy);
  }
}
