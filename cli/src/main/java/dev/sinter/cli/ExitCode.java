package dev.sinter.cli;

/// What a run of `sinter` ended with, for programs that started it (docs/CONTRACTS.md).
enum ExitCode {
  /// All went well.
  OK(0),
  /// The user's text, data or weights are at fault.
  USER(1),
  /// The command line itself is at fault.
  USAGE(2),
  /// The machine lacks something: memory, a disk, a device.
  MACHINE(3),
  /// Sinter is at fault.
  BUG(70);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
