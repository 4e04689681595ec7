package dev.sinter.dsl.ast;

/// An operator with one side.
public enum UnaryOperator {
  NEGATE("-"),
  NOT("not");

  private final String sign;

  UnaryOperator(String sign) {
    this.sign = sign;
  }

  /// How it is written.
  public String sign() {
    return sign;
  }
}
