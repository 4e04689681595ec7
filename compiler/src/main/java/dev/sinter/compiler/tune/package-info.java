/// Measures which schedules are the fastest on this machine.
///
/// [dev.sinter.compiler.tune.Tuner] is the way in.
package dev.sinter.compiler.tune;
