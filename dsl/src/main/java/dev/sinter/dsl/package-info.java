/// Sinter text to a graph: parser, names, shapes, diagnostics, formatter.
package dev.sinter.dsl;
