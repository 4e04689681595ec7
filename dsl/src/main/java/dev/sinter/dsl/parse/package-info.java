/// Text to syntax: tokens, the ANTLR parser, its faults in words, and the builders of the records
/// in `ast`.
///
/// No class of ANTLR's is seen outside of this package.
package dev.sinter.dsl.parse;
