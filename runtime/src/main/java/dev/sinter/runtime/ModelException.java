package dev.sinter.runtime;

/// A fault in how a model is used: a name, dtype or weight that it does not have. The message says
/// what was expected, and from where.
public class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// A fault with its message.
  public ModelException(String message) {
    super(message);
  }

  /// A fault with its message and what caused it.
  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
