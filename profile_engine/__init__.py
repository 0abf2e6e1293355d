"""An open customer-profile engine on Spark: from source data to delivered audiences, in the user's own lakehouse, from YAML."""
