/// From a lowered model to Java source text.
package dev.sinter.codegen.java;
