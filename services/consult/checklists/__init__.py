"""One person's checklist (一次告知单): made from the guide, kept by its address, on the page and on paper."""
