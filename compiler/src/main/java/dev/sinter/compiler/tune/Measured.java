package dev.sinter.compiler.tune;

/// What was found out about one product or convolution.
///
/// @param part what was measured, as in tables
/// @param uses how often the model has it
/// @param before the schedule that it had
/// @param after the schedule that it has now
/// @param beforeMs how long it took once, in milliseconds
/// @param afterMs how long it takes once
public record Measured(
    String part, long uses, String before, String after, double beforeMs, double afterMs) {}
