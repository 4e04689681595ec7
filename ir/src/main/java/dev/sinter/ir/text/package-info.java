/// The text form of graphs and models: printed for people, read back without loss.
package dev.sinter.ir.text;
