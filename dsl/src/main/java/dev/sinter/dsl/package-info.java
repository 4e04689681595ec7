/// The Sinter language: [dev.sinter.dsl.Elaborator] turns a text into graphs.
package dev.sinter.dsl;
