"""How sites are joined: classes of like sites, designs, ways, loads, tables and growth."""
