/// Lowered entry points: buffers and steps, ready to be emitted.
package dev.sinter.ir.program;
