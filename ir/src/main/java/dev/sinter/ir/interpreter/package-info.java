/// The interpreter of graphs: slow, obviously right, and what every target is tested against.
package dev.sinter.ir.interpreter;
