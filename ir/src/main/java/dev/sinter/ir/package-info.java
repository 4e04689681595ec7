/// The graph of a model and everything that explains one: text form, verifier, interpreter.
package dev.sinter.ir;
