/// The syntax of a file as immutable records, each with its span; nothing here knows how it was
/// parsed.
package dev.sinter.dsl.ast;
