package dev.sinter.runtime;

/// A shape that does not fit: of the wrong rank, inconsistent with another, against a stated fact,
/// or too large.
public final class ShapeException extends ModelException {
  private static final long serialVersionUID = 1L;

  /// A fault with its message.
  public ShapeException(String message) {
    super(message);
  }
}
