package dev.sinter.runtime;

/// A fault of the machine: no memory left, or a device that failed.
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// A fault with its message.
  public DeviceException(String message) {
    super(message);
  }

  /// A fault with its message and what caused it.
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
