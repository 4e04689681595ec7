/// Measures how long the steps of a compiled model take, and how near that is to what the machine
/// can do.
///
/// [dev.sinter.compiler.measure.Measurement] is the way in.
package dev.sinter.compiler.measure;
