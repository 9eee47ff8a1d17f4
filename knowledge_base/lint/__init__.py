"""The parts of the checker of guides; its public face is `knowledge_base.guide_lint`."""
